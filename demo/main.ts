/** The page: reads the address, opens the tab it names, and keeps tabs, engines and address in step. */
import { byId, say } from './dom.ts';
import { listEngines, setEngines } from './engine-list.ts';
import { once } from './once.ts';
import { showStateOf } from './page-state.ts';
import { PASTED } from './pasted.ts';
import { readAddress, writeAddress, type Tab } from './settings.ts';

/** Milliseconds after the page has loaded. */
const KEPT_AFTER_MS = 3000;

const { settings, remarks } = readAddress(location.search);
const save = () => writeAddress(settings);

/** The code of a tab is loaded when it is first opened. */
const panels = {
  cluster: once(async () => {
    const { clusterTab } = await import('./cluster/cluster-tab.ts');
    return clusterTab(settings, save, setEngines);
  }),
  colours: once(async () => {
    const { imageTab } = await import('./image/image-tab.ts');
    return imageTab(settings, save, setEngines);
  }),
  race: once(async () => {
    const { raceTab } = await import('./race/race-tab.ts');
    return raceTab(settings, save, setEngines);
  }),
};
const tabs: readonly Tab[] = ['cluster', 'colours', 'race'];
const tabButton = (tab: Tab) => byId(`tab-${tab}`, HTMLButtonElement);

function show(tab: Tab): void {
  settings.tab = tab;
  for (const name of tabs) {
    const chosen = name === tab;
    tabButton(name).setAttribute('aria-selected', String(chosen));
    tabButton(name).tabIndex = chosen ? 0 : -1;
    if (!chosen) byId(name, HTMLElement).hidden = true;
  }
  showStateOf(tab);
  save();
  panels[tab]().then(
    (panel) => {
      if (settings.tab !== tab) return; // another was opened meanwhile
      byId(tab, HTMLElement).hidden = false;
      panel.start();
    },
    () =>
      say(byId('remarks', HTMLElement), 'This tab did not load. Check the connection and reload.'),
  );
}

for (const tab of tabs) {
  const button = tabButton(tab);
  button.addEventListener('click', () => show(tab));
  button.addEventListener('keydown', ({ key }) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (!by) return;
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
    show(next);
    tabButton(next).focus();
  });
}

listEngines(settings.engine, (engine) => {
  settings.engine = engine;
  save();
  for (const tab of tabs) void panels[tab].made?.then((panel) => panel.restart());
});

const DATA =
  /\.([ct]sv|tab|txt|dat|data|parquet|pq|arrows?|feather|ipc|np[yz]|jsonl|ndjson|jsonlines)$/i;

/** Files may be dropped anywhere, and pasted: data to cluster, and pictures for their colours. */
function take(files: Iterable<File>): void {
  const [file] = files;
  if (!file) return;
  const isData =
    DATA.test(file.name) || (settings.tab === 'cluster' && !file.type.startsWith('image/'));
  const tab = isData ? 'cluster' : 'colours';
  // Before `show`: with a file on its way the tab does not begin with one of its own.
  void panels[tab]().then((panel) => panel.open(file));
  show(tab);
}

/** Rows of numbers as spreadsheets give them, or a part of a CSV file: lines with digits in them. */
function takeText(text: string): void {
  const isData = /\d[^\n\r]*[\n\r]+[^\n\r]*\d/.test(text);
  if (isData && settings.tab === 'cluster') take([new File([text], PASTED)]);
}
const dragsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
addEventListener('dragover', (event) => {
  if (!dragsFiles(event)) return;
  event.preventDefault();
  document.body.classList.add('dragging');
});
addEventListener('dragleave', ({ relatedTarget }) => {
  if (!relatedTarget) document.body.classList.remove('dragging');
});
addEventListener('drop', (event) => {
  document.body.classList.remove('dragging');
  if (!dragsFiles(event)) return;
  event.preventDefault();
  take(event.dataTransfer?.files ?? []);
});
addEventListener('paste', ({ clipboardData, target }) => {
  if (clipboardData?.files.length) return take(clipboardData.files);
  const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  if (!isField) takeText(clipboardData?.getData('text/plain') ?? '');
});

say(byId('remarks', HTMLElement), remarks.join('\n'));
show(settings.tab);

// What is kept for times without a network comes after what is looked at now.
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  addEventListener('load', () =>
    setTimeout(
      () => void navigator.serviceWorker.register('./service-worker.js').catch(() => {}),
      KEPT_AFTER_MS,
    ),
  );
