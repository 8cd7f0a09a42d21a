/** The page: reads the address, opens the tab it names, and keeps tabs, engines and address in step. */
import { clusterTab } from './cluster/cluster-tab.ts';
import { byId, say } from './dom.ts';
import { listEngines, setEngines } from './engine-list.ts';
import { showStateOf } from './page-state.ts';
import { photoTab } from './photo/photo-tab.ts';
import { readAddress, writeAddress, type Tab } from './settings.ts';

const { settings, remarks } = readAddress(location.search);
const save = () => writeAddress(settings);

const panels = {
  cluster: clusterTab(settings, save, setEngines),
  colours: photoTab(settings, save, setEngines),
};
const tabs: readonly Tab[] = ['cluster', 'colours'];
const tabButton = (tab: Tab) => byId(`tab-${tab}`, HTMLButtonElement);

function show(tab: Tab): void {
  settings.tab = tab;
  for (const name of tabs) {
    const chosen = name === tab;
    tabButton(name).setAttribute('aria-selected', String(chosen));
    tabButton(name).tabIndex = chosen ? 0 : -1;
    byId(name, HTMLElement).hidden = !chosen;
  }
  showStateOf(tab);
  panels[tab].start();
  save();
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
  panels.cluster.restart();
  panels.colours.restart();
});

/** A photo may be dropped anywhere, and pasted. */
function take(files: Iterable<File>): void {
  const [file] = files;
  if (!file) return;
  panels.colours.open(file);
  show('colours');
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
addEventListener('paste', ({ clipboardData }) => take(clipboardData?.files ?? []));

say(byId('remarks', HTMLElement), remarks.join(' '));
show(settings.tab);
