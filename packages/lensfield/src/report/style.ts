/** The style sheet of the page: one column of text, pictures at full width, no colour but in the verdict and the pictures. */
export const STYLE = `
:root { --ink: #1d232e; --muted: #5c6675; --line: #dfe3e8; --paper: #ffffff; --wash: #f6f7f9;
  --passed: #00704f; --doubtful: #9a5b00; --failed: #b3261e; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 'Source Sans 3', 'Source Sans Pro', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif;
  font-variant-numeric: tabular-nums; }
main, header, footer { max-width: 980px; margin: 0 auto; padding: 0 28px; }
header { padding-top: 56px; }
h1 { font-size: 34px; line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; margin: 0 0 10px; }
h2 { font-size: 23px; font-weight: 600; margin: 0 0 14px; padding-top: 34px; border-top: 1px solid var(--line); }
h3 { font-size: 17px; font-weight: 600; margin: 26px 0 10px; }
section { margin-top: 44px; }
p { margin: 0 0 12px; max-width: 46em; }
header .summary { font-size: 19px; color: var(--muted); line-height: 1.45; }
nav { margin: 18px 0 0; font-size: 15px; }
nav a { margin-right: 18px; color: var(--muted); text-decoration: none; white-space: nowrap; }
nav a:hover { color: var(--ink); text-decoration: underline; }
figure { margin: 22px 0 30px; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption, .aside { font-size: 15px; line-height: 1.5; color: var(--muted); max-width: 48em; margin-top: 10px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 0 28px; }
.verdict { border: 1px solid var(--line); border-left: 6px solid var(--muted); border-radius: 4px; background: var(--wash); padding: 22px 26px 16px; margin-top: 30px; }
.verdict.passed { border-left-color: var(--passed); } .verdict.doubtful { border-left-color: var(--doubtful); } .verdict.failed { border-left-color: var(--failed); }
.verdict .question { color: var(--muted); margin: 0; }
.verdict .answer { font-size: 23px; font-weight: 600; margin: 0 0 14px; }
.verdict.passed .answer { color: var(--passed); } .verdict.doubtful .answer { color: var(--doubtful); } .verdict.failed .answer { color: var(--failed); }
.checks { list-style: none; margin: 0; padding: 0; }
.checks li { display: grid; grid-template-columns: 26px minmax(0, 5fr) minmax(0, 5fr) minmax(0, 4fr); gap: 4px 10px; padding: 6px 0; border-top: 1px solid var(--line); align-items: baseline; }
.checks .sign { font-weight: 700; text-align: center; }
.checks .passed .sign { color: var(--passed); } .checks .doubtful .sign { color: var(--doubtful); } .checks .failed .sign { color: var(--failed); }
.checks .rule { color: var(--muted); }
.warnings { margin: 14px 0 6px; padding: 12px 0 0 20px; border-top: 1px solid var(--line); color: var(--doubtful); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 10px 28px; margin: 0 0 18px; }
.facts dt { font-size: 14px; color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
sub { line-height: 0; }
ul.plain { padding-left: 20px; margin: 0 0 10px; }
.table { overflow-x: auto; margin: 14px 0 20px; }
table { border-collapse: collapse; font-size: 15px; }
.table table { min-width: 60%; }
th { text-align: left; font-weight: 600; color: var(--muted); border-bottom: 1.5px solid var(--ink); padding: 4px 18px 6px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 5px 18px 5px 0; vertical-align: baseline; }
.number { text-align: right; white-space: nowrap; }
th.number { white-space: normal; max-width: 11em; }
.bars { display: inline-block; width: 180px; }
.bar { display: inline-block; height: 9px; background: #56b4e9; border-radius: 1px; }
code, pre { font: 14px/1.5 ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.command { background: var(--wash); border: 1px solid var(--line); border-radius: 4px; padding: 12px 16px; white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: 6px 0 18px; } summary { cursor: pointer; color: var(--muted); }
footer { color: var(--muted); font-size: 14px; padding-top: 26px; padding-bottom: 60px; }
@media (max-width: 680px) { .checks li { grid-template-columns: 26px 1fr; } .checks .found, .checks .rule { grid-column: 2; } h1 { font-size: 27px; } }
@media print { nav { display: none; } section, figure { break-inside: avoid; } }
`;
