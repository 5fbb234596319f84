import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  // Fixtures are programs of imaginary users, some of them wrong on purpose.
  globalIgnores(['dist/', 'bench-results/', 'node_modules/', 'spec/**/fixtures/']),
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    // Heavy packages are required inside functions, on first need; spec/architecture.spec.ts sees to it.
    files: ['lib/**/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // An async function that awaits nothing is a remote function like any other.
    files: ['spec/**/*.ts', 'samples/**/*.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    // chai's properties (`to.be.true`) are expressions by design; specs throw and pass what users might.
    files: ['spec/**/*.ts'],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
