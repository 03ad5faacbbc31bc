// Our side in a page: takes requests from the server that delivered it, until there are no more.
import { createAnswerer } from './answer.mjs';

const answer = createAnswerer();
for (;;) {
  const response = await fetch('/request');
  if (response.status !== 200) break;
  const body = JSON.stringify(await answer(await response.json()));
  await fetch('/answer', { method: 'POST', body });
}
