import { accountActions } from '@outcry/contract/account-events'
import { expect, it } from 'vitest'
import type { HistoryEntry } from '../../../platform/audit/audit-history.ts'
import { viewAccountEvent } from './account-event.view.ts'

const ME = '01890a5d-ac96-774b-bcce-b302099a8058'
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8059'
const SESSION = '01890a5d-ac96-774b-bcce-b302099a805a'
const viewer = { userId: ME, sessionId: SESSION }

const entry = (more: Partial<HistoryEntry>): HistoryEntry => ({
  id: '01890a5d-ac96-774b-bcce-b302099a805b',
  seq: 1,
  at: new Date(0),
  action: 'sign_in.password',
  result: 'ok',
  actor_id: ME,
  session_id: SESSION,
  factor: 'pwd',
  address: '203.0.113.9',
  request_id: 'r-1',
  object_type: 'user',
  object_id: ME,
  details: {},
  previous_hash: new Uint8Array(),
  hash: new Uint8Array(),
  ...more,
})
const view = (more: Partial<HistoryEntry>) => viewAccountEvent(entry(more), viewer)

it('says of each action by its name alone whether an administrator did it', () => {
  const ofNobody = accountActions.map((action) => view({ action, actor_id: null }))
  const byAdministrators = ofNobody.filter((event) => event.by_administrator)
  expect(byAdministrators.map(({ action }) => action)).toEqual([
    'account.created_by_operator',
    'account.imported_by_operator',
    'account.password_set_by_operator',
    'account.role_set_by_admin',
    'account.role_set_by_operator',
    'account.status_set_by_admin',
    'account.status_set_by_operator',
    'account.two_factor_disabled_by_operator',
    'account.verified_set_by_admin',
  ])
  expect(accountActions.filter((action) => action.includes('_by_'))).toEqual(
    byAdministrators.map(({ action }) => action),
  )
})

it('shows where whoever failed to sign in was, also where nobody knows who that was', () => {
  for (const action of ['sign_in.password', 'sign_in.second_factor', 'sign_in.passkey', 'session.refresh'])
    expect(view({ action, result: 'refused', actor_id: null, session_id: null })).toMatchObject({
      address: '203.0.113.9',
      by_administrator: false,
    })
})

it('never shows where an administrator was, in which session and by which factor, named or not', () => {
  const hidden = { factor: null, address: null, session_id: null, current: false, by_administrator: true }
  for (const action of accountActions) expect(view({ action, actor_id: OTHER })).toMatchObject(hidden)
  expect(view({ action: 'account.password_set_by_operator', actor_id: null })).toMatchObject(hidden)
})

it('throws for an entry that is no member’s to read', () => {
  expect(() => view({ action: 'account.administered' })).toThrow('account.administered')
})
