// Parses Apex classes and prints what is wrong with their syntax: one JSON object, a list for each file.
//
//   node parse.mjs FILE…
import { readFileSync } from 'node:fs';
import { ApexErrorListener, ApexParserFactory } from '@apexdevtools/apex-parser';

class Mistakes extends ApexErrorListener {
  found = [];
  apexSyntaxError(line, column, message) { this.found.push(`${line}:${column}: ${message}`); }
}

const mistakes = {};
for (const file of process.argv.slice(2)) {
  const listener = new Mistakes();
  ApexParserFactory.createLexerAndParser(readFileSync(file, 'utf8'), listener).parser.compilationUnit();
  mistakes[file] = listener.found;
}
console.log(JSON.stringify(mistakes));
