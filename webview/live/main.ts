import type { VsCodeApi } from '../inspector/client';
import { registerToolkit } from '../ui/toolkit';
import { LivePage } from './live';

declare function acquireVsCodeApi(): VsCodeApi;

registerToolkit();
const root = document.getElementById('live');
if (root) void document.fonts.ready.then(() => new LivePage(root, acquireVsCodeApi()).start());
