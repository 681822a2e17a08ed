import tseslint from 'typescript-eslint';

/** The house, top to bottom: a file imports only from its own row and the rows below. */
const rows = [['commands', 'commandLine'], ['editor', 'views'], ['runs'], ['engineHost'], ['diagnosis'], ['training'], ['engine'], ['data'], ['spec'], ['shared']];

const houseRules = rows.map((row, index) => {
  const above = rows.slice(0, index).flat();
  const pure = index >= rows.findIndex((r) => r.includes('diagnosis'));
  const patterns = above.map((name) => ({ group: [`**/${name}/*`, `**/${name}`, '!./*', '!**/shared/*'], message: `src/${row[0]} stands below src/${name}: dependence goes downwards only.` }));
  if (pure) patterns.push({ group: ['node:*', 'vscode', 'fs', 'path', 'worker_threads', 'os'], message: 'This row also runs in a browser: neither Node nor VS Code here.' });
  if (!pure && !row.includes('editor') && !row.includes('commands')) patterns.push({ group: ['vscode'], message: 'Only the editor, views and commands know VS Code.' });
  return { files: row.map((name) => `src/${name}/**/*.ts`), rules: { 'no-restricted-imports': ['error', { patterns }] } };
});

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/engine/kernels/**', '**/*.mjs', '.cache/**', 'coverage/**'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  ...houseRules,
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'no-console': 'off', '@typescript-eslint/explicit-function-return-type': 'off' },
  },
);
