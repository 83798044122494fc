// Compiles a Lightning web component with the compiler that the platform uses, and prints what came of each of its files:
// one JSON object. Anything the compiler warns of is an error here.
//
//   node compile.mjs FOLDER-OF-THE-COMPONENT
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { transformSync } from '@lwc/compiler';

const folder = process.argv[2];
const name = basename(folder);
const compiled = {};
for (const file of readdirSync(folder).filter((f) => /\.(js|html|css)$/.test(f))) {
  const { code, warnings } = transformSync(readFileSync(join(folder, file), 'utf8'), file, { name, namespace: 'c' });
  if (warnings?.length) throw new Error(`${file}: ${warnings.map((w) => w.message).join('; ')}`);
  compiled[file] = code;
}
console.log(JSON.stringify(compiled));
