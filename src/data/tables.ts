/** Loaders of tasks whose data are tables and lists; read when such a task is. */
export { loadClassification } from './classification';
export { loadForecast } from './forecast';
export { loadTagging } from './tagging';
export { loadTranslation, translationTaskData } from './translation';
