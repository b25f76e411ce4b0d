import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What one page breaks, as `axe.run` tells it. */
interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[]
}

/**
 * What axe finds wrong on the page as it is now, a line each; empty when it is accessible as far as a program can tell. All
 * of axe's rules apply that are on by default. It comes in through the browser's debugger, so the page's Content Security
 * Policy neither stops it nor has to be weakened for it.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  try {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression: `${axe.source}
        axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(violations))`,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    const violations: readonly Violation[] = JSON.parse(String(result.value))
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary = '' }) => `${id}: ${help} (${target.join(' ')}) ${failureSummary}`,
      ),
    )
  } finally {
    await session.detach()
  }
}
