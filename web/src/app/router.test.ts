// @vitest-environment happy-dom
import { pages } from '@outcry/contract/pages'
import { expect, it } from 'vitest'
import { router } from './router.tsx'

it('has a page at every path for which the server answers with the app, and at no other', () => {
  expect(Object.keys(router.routesByPath).sort()).toEqual([...pages].sort())
})
