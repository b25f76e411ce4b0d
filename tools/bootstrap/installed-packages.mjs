import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Tells what of `package-lock.json` lies in `node_modules`: `full`, `production` (everything but the
 * development packages), or `incomplete`. npm writes `node_modules/.package-lock.json` as the last step of a
 * successful install, so an interrupted install and an outdated one both read as `incomplete`.
 */
export function readInstallState(root) {
  const locked = readPackages(join(root, 'package-lock.json'))
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'))
  const missing = Object.entries(locked).filter(
    ([path, entry]) => isRequired(path, entry) && present[path]?.integrity !== entry.integrity,
  )
  if (missing.length === 0) return 'full'
  return missing.every(([, entry]) => entry.dev) ? 'production' : 'incomplete'
}

/** Tells whether development packages were installed before, so that an update keeps them. */
export function hasDevelopmentPackages(root) {
  return Object.values(readPackages(join(root, 'node_modules', '.package-lock.json'))).some(
    (entry) => entry.dev,
  )
}

// Note: optional packages are left out because most of them are for other platforms.
function isRequired(path, entry) {
  return path.includes('node_modules/') && !entry.link && !entry.optional && !entry.devOptional
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return {}
  }
}
