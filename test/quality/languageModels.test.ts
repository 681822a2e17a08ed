import { describeReaching } from './reaching';

// Each file is run by a process of its own, so that several of them train at a time.
describeReaching(({ kind }) => kind === 'language-model');
