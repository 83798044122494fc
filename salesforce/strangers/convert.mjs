// Converts the package from source format to metadata format with Salesforce's own library, as "sf project convert source"
// does, and prints what it found: one JSON object. The library alone is what that command is made of, without a second
// program to install and without anything that calls home.
//
//   node convert.mjs PROJECT FOLDER-OF-THE-SOURCE FOLDER-TO-WRITE
import { readFileSync } from 'node:fs';
import { ComponentSet, MetadataConverter } from '@salesforce/source-deploy-retrieve';

const [project, source, target] = process.argv.slice(2);
const found = ComponentSet.fromSource(source);
found.sourceApiVersion = JSON.parse(readFileSync(`${project}/sfdx-project.json`)).sourceApiVersion;
await new MetadataConverter().convert(found, 'metadata', { type: 'directory', outputDirectory: target, genUniqueDir: false });
const components = [];
for (const c of found.getSourceComponents()) {
  components.push({ type: c.type.name, name: c.fullName }, ...c.getChildren().map((child) => ({ type: child.type.name, name: child.fullName })));
}
console.log(JSON.stringify({ components }));
