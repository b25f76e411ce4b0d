import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

// Note: dependency-cruiser reads TypeScript through the compiler's JavaScript API, which TypeScript 7 no longer
// has. Loaded with --import, this hands it the TypeScript 5 that lies in this workspace.
const ours = createRequire(import.meta.url)

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isWanted = specifier === 'typescript' || specifier === 'typescript/package.json'
    if (!isWanted || !context.parentURL?.includes('/dependency-cruiser/'))
      return nextResolve(specifier, context)
    return { url: pathToFileURL(ours.resolve(specifier)).href, shortCircuit: true }
  },
})
