import { expect, it } from 'vitest';
import { factList, html, table, trusted } from '../../src/report/html.ts';

it('escapes every value that is not markup', () => {
  const evil = `<img src=x onerror="alert('1')">&`;
  expect(html`<p title="${evil}">${evil}</p>`.markup).toBe(
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>',
  );
});

it('nests templates, joins lists and leaves out what is undefined', () => {
  const items = ['a', 'b'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}</ul>${undefined}${3}`.markup).toBe('<ul><li>a</li><li>b</li></ul>3');
  expect(html`${trusted('<b>x</b>')}`.markup).toBe('<b>x</b>');
});

it('escapes cells and facts', () => {
  expect(table([{ head: '<h>' }, { head: 'n', align: 'right' }], [['<c>', 1]]).markup).toContain(
    '<td>&lt;c&gt;</td><td class="number">1</td>',
  );
  expect(
    factList([
      ['<t>', '<v>'],
      ['gone', undefined],
    ]).markup,
  ).toBe('<dl class="facts"><div><dt>&lt;t&gt;</dt><dd>&lt;v&gt;</dd></div></dl>');
});
