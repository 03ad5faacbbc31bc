export { type Progress, silentProgress, terminalProgress } from './command-line/progress.ts';
export { loadObservation } from './config/observation.ts';
export { loadPrior } from './config/prior.ts';
export { loadSurvey } from './config/survey.ts';
export { type ExplicitOptions, type ExplicitResult, inferExplicit } from './recipes/explicit.ts';
export { type ImplicitOptions, type ImplicitResult, inferImplicit } from './recipes/implicit.ts';
export { renderReport, reportFigures } from './report/render-report.ts';
export type { ReportData } from './report/report-data.ts';
export { type CheckpointStore, noCheckpoints } from './run/checkpoint-store.ts';
