import { describeReaching } from './reaching';

describeReaching(({ kind }) => kind !== 'language-model' && kind !== 'synthetic');
