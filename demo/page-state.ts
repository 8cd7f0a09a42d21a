/**
 * `document.body.dataset.state`, for tests and for whoever scripts the page: what the tab in view is
 * doing.
 *
 * - `loading`: nothing iterates: getting ready, or held by Stop or Step until the user goes on; a race that has
 *   not begun
 * - `running`: iterating
 * - `converged`: finished. A run that reached the most iterations counts as well: its result is
 *   whole and will not change; the status line and `stopReason` tell the two apart
 * - `failed`: no result; the alert says why, and the page can be used
 */
import type { Tab } from './settings.ts';

export type PageState = 'loading' | 'running' | 'converged' | 'failed';

const states: Record<Tab, PageState> = { cluster: 'loading', colours: 'loading', race: 'loading' };
let shown: Tab = 'cluster';

export function setState(tab: Tab, state: PageState): void {
  states[tab] = state;
  document.body.dataset.state = states[shown];
}

export function showStateOf(tab: Tab): void {
  shown = tab;
  document.body.dataset.state = states[tab];
}
