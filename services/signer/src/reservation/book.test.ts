import { expect, test } from '@jest/globals';
import { columnsOf, rowKey, Table } from './book.ts';

test('the key of a row gives its columns back, numbers as text', () => {
  expect(columnsOf(rowKey('treasury', 'stellar:testnet/slip44:148', 3600))).toEqual([
    'treasury',
    'stellar:testnet/slip44:148',
    '3600',
  ]);
  expect(columnsOf(rowKey('lane'))).toEqual(['lane']);
  expect(columnsOf(rowKey('a', '', 'b'))).toEqual(['a', '', 'b']);
});

test('columns that run together are other rows', () => {
  expect(rowKey('a', 'bc')).not.toBe(rowKey('ab', 'c'));
});

test('a table has the rows that were read, and none of them has changed', () => {
  const table = new Table([['a', 1]]);
  expect(table.get('a')).toBe(1);
  expect(table.get('b')).toBeUndefined();
  expect(table.changed()).toEqual([]);
  expect(new Table().changed()).toEqual([]);
});

test('what was put into it has changed, once, in the order of the keys', () => {
  const table = new Table([
    ['c', 1],
    ['unchanged', 2],
  ]);
  table.set('c', 3);
  table.set('b', 4);
  table.set('a', 5);
  table.set('b', 6);
  expect(table.get('c')).toBe(3);
  expect(table.changed()).toEqual([
    ['a', 5],
    ['b', 6],
    ['c', 3],
  ]);
});

test('the rows it was made of stay as they are', () => {
  const rows = new Map([['a', 1]]);
  new Table(rows).set('a', 2);
  expect(rows.get('a')).toBe(1);
});
