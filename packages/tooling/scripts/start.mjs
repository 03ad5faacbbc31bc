// `npm start`: from a fresh clone to the report of the demo. Arguments go to `lensfield demo`.
import { buildWorkspace, installWorkspace, run } from './install.mjs';

installWorkspace();
buildWorkspace();
run(process.execPath, [
  'packages/lensfield/dist/cli.js',
  'demo',
  '--out',
  'lensfield-demo',
  ...process.argv.slice(2),
]);
