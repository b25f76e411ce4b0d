import { expect, it } from 'vitest'
import { users } from '../../modules/accounts/users/user.table.ts'
import { createSql, updateRow } from '../../platform/db/index.ts'
import { initialState, takeState } from '../../platform/state/state.ts'
import { createMember } from '../factories.ts'
import { forEachApp } from '../start-test-app.ts'
import { openRowReader } from './row-snapshot.ts'

const updateUser = updateRow(createSql(users), users)
const CHANGED = { display_name: 'Ada' }

forEachApp('a look at what is stored', {}, (on) => {
  it('tells which tables had a row added, changed or removed since, and none for a row written as it was', async () => {
    const { app } = on
    const { db, clock } = app.app.platform
    const { id } = await createMember(app)
    await using rows = await openRowReader(app.config)
    let before = await rows.snapshot()
    const changedBy = async (write: () => Promise<unknown>) => {
      await write()
      const after = await rows.snapshot()
      const changed = Object.keys(after).filter((table) => after[table] !== before[table])
      before = after
      return changed
    }
    const change = () => db.withSystem((tx) => updateUser(tx, { id }, CHANGED))
    const state = { value: 'a', clock }
    expect(await changedBy(async () => undefined)).toEqual([])
    expect(await changedBy(change)).toEqual(['users'])
    expect(await changedBy(change)).toEqual([])
    expect(await changedBy(() => db.withSystem((tx) => initialState(tx, 'rotation', state)))).toEqual([
      'instance_state',
    ])
    expect(await changedBy(() => db.withSystem((tx) => takeState(tx, 'rotation', 'a')))).toEqual([
      'instance_state',
    ])
    expect(Object.keys(await rows.snapshot(new Set(['users'])))).not.toContain('users')
  })
})
