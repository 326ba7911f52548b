import { SCREENS } from '../states/screens';

/** Sets up the state that the page's address names. */
export async function arrange(): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const screen = SCREENS.find(({ name }) => name === asked.get('screen'));
  const state = screen?.states.find(({ name }) => name === asked.get('state'));
  if (state === undefined) throw new Error(`There is no such state: ${location.search}`);
  await state.arrange();
}
