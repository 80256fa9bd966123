// The page of a shop in a real browser. Usage: node run.js PROGRAM [NAME]; screenshots go to $SHOTS, if it is set.

import { readdirSync } from 'node:fs';

const [program, only] = process.argv.slice(2);
const tests = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.test.js')).sort();
let failed = 0;
for (const file of tests) {
  const cases = await import(`./${file}`);
  for (const [name, test] of Object.entries(cases)) {
    if (only && !`${file}/${name}`.includes(only)) continue;
    try {
      await test(program);
      console.log(`ok ${file}/${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${file}/${name}\n${error.stack}`);
    }
  }
}
process.exit(failed ? 1 : 0);
