#!/usr/bin/env node
import { signerctl } from './signerctl.ts';

process.exitCode = await signerctl(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
