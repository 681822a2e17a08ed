import { describeReaching } from './reaching';

describeReaching((task) => task.kind === 'synthetic' && task.problem === 'copy');
