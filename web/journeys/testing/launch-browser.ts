import { type Browser, type BrowserServer, chromium } from 'playwright-core'
import { findBrowser } from './find-browser.ts'

/** Nothing is looked up and nothing leaves the machine; journeys reach the servers that they started as `localhost`. */
const FLAGS = [
  '--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--disable-gpu',
  '--disable-quic',
  '--font-render-hinting=none',
  '--enable-features=OverlayScrollbar', // as on phones; hidden ones would leave their gutter empty
]

async function options() {
  const { executablePath, env } = await findBrowser()
  // Note: without the sandbox, which neither root nor a container can have; only our own pages are opened.
  return { executablePath, args: FLAGS, env: { ...process.env, ...env }, chromiumSandbox: false }
}

/** Starts a browser that several processes share. */
export async function launchBrowserServer(): Promise<BrowserServer> {
  return chromium.launchServer({ ...(await options()), host: '127.0.0.1' })
}

/** Starts a browser of one's own. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(await options())
}
