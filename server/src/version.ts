import packageJson from '../package.json' with { type: 'json' }

/** This version of the product. */
export const version: string = packageJson.version
