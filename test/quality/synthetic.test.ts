import { describeReaching } from './reaching';

describeReaching((kind) => kind === 'synthetic');
