import type { Locator, Page } from 'playwright-core'
import { newPair } from '../../../server/src/testing/factories-vault.ts'

/** A key to be typed in. */
export interface KeyToAdd {
  readonly account: string
  readonly name?: string
  readonly environment?: 'paper' | 'live'
  readonly pair?: { readonly api_key: string; readonly secret_key: string }
}

/** What people do on the page of the vault and with the choice in the header. */
export interface VaultPage {
  readonly switcher: Locator
  addAccount(name: string): Promise<void>
  /** Opens the form and fills it in. */
  fillIn(key: KeyToAdd): Promise<void>
  /** Fills in the form, sends it, and waits until the key stands in the list. */
  addKey(key: KeyToAdd & { readonly name: string }): Promise<void>
  /** Opens the menu of a credential and does one thing in it. */
  act(credential: string, action: string | RegExp): Promise<void>
  /** Chooses in the header, and waits until that is what the header shows. */
  choose(credential: string): Promise<void>
  /** Says what the header shows. */
  chosen(): Promise<string>
}

/** For a page that is open. */
export function vaultPage(page: Page): VaultPage {
  const switcher = page.locator('#credential-switcher')
  const button = (name: string) => page.getByRole('button', { name, exact: true })

  async function fillIn({
    account,
    name = '',
    environment = 'paper',
    pair = newPair(environment),
  }: KeyToAdd) {
    await button(`Add a key to ${account}`).click()
    await page.getByLabel('Type', { exact: true }).selectOption(`alpaca_${environment}`)
    await page.getByLabel('Name (optional)').fill(name)
    await page.getByLabel('Key', { exact: true }).fill(pair.api_key)
    await page.getByLabel('Secret', { exact: true }).fill(pair.secret_key)
  }

  return {
    switcher,
    fillIn,
    async addAccount(name) {
      await button('Add an account').click()
      await page.getByLabel('Name of the account').fill(name)
      await button('Add the account').click()
      await page.getByRole('heading', { level: 2, name }).waitFor()
    },
    async addKey(key) {
      await fillIn(key)
      await button('Test and store').click()
      await page.getByRole('heading', { level: 3, name: key.name }).waitFor()
    },
    async act(credential, action) {
      await button(`More for ${credential}`).click()
      await page.getByRole('menuitem', { name: action }).click()
    },
    async choose(credential) {
      await switcher.click()
      await page.getByRole('menuitemradio', { name: credential }).click()
      await switcher.filter({ hasText: credential }).waitFor()
    },
    async chosen() {
      return ((await switcher.textContent()) ?? '').replace('Credential in use: ', '')
    },
  }
}
