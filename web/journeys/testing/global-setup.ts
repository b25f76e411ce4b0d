import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { buildWebApp } from '../../../tools/src/web-app/build-web-app.ts'
import { launchBrowserServer } from './launch-browser.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the browser of this run listens, which all journeys share. */
    browser: string
  }
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Vitest's global setup for journeys: builds the web app when its sources have changed, and starts one browser. */
export default async function provideBrowser(project: TestProject): Promise<() => Promise<void>> {
  await buildWebApp({ root: ROOT, say: (line) => void process.stderr.write(`${line}\n`) })
  const server = await launchBrowserServer()
  project.provide('browser', server.wsEndpoint())
  return () => server.close()
}
