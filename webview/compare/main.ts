import type { VsCodeApi } from '../inspector/client';
import { ComparisonPage } from './comparison';

declare function acquireVsCodeApi(): VsCodeApi;

const root = document.getElementById('comparison');
if (root) void document.fonts.ready.then(() => new ComparisonPage(root, acquireVsCodeApi()).start());
