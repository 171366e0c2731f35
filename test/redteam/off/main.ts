// Switches guards off in the signer's source, one at a time, and runs the attack that each refuses: prints how they ended, as
// JSON, in the order of the switches. A process of its own, because modules are loaded once for each guard:
// node test/redteam/off/main.ts [attack…], after `npm run build`
import { openArena } from '../arena.ts';
import { ATTACKS } from '../attacks.ts';
import { runSwitch, type SwitchResult } from './run-switches.ts';
import { SWITCHES } from './switches.ts';

const wanted = process.argv.slice(2);
const attacks = new Map(ATTACKS.map((attack) => [attack.id, attack]));
await using arena = await openArena();
const results: SwitchResult[] = [];
for (const guardOff of SWITCHES) {
  const attack = attacks.get(guardOff.attack);
  if (attack === undefined) throw new Error(`no attack ${guardOff.attack}`);
  if (wanted.length > 0 && !wanted.includes(attack.id)) continue;
  results.push(await runSwitch(arena, attack, guardOff));
}
process.stdout.write(`${JSON.stringify(results, undefined, 1)}\n`);
