import { DRAWN, drawPanel } from './draw-panel';

/** Draws the panel in every state, in the portal's own content; only in the one that the address names, where it names one. */

const only = new URLSearchParams(location.search).get('state');
for (const state of DRAWN.filter(({ name }) => only === null || name === only)) {
  const heading = document.createElement('h1');
  heading.textContent = state.name;
  heading.dataset['ofStage'] = '';
  const section = document.createElement('section');
  section.append(heading);
  drawPanel(state, section, null);
  document.querySelector('main')?.append(section);
}
