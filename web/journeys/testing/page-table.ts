import type { PagePath } from '../../../contract/src/pages.ts'

/** Whom a page is for. */
export type Audience = 'visitor' | 'member' | 'administrator'

/** Every page of the web app with whom it is for; a new page is not in the contract until it is here. */
export const audienceOf: Readonly<Record<PagePath, Audience>> = {
  '/': 'visitor',
  '/signup': 'visitor',
  '/verify': 'visitor',
  '/signin': 'visitor',
  '/forgot': 'visitor',
  '/reset': 'visitor',
  '/email-change': 'visitor',
  '/email-change/undo': 'visitor',
  '/setup': 'visitor',
  '/ui': 'visitor',
  '/home': 'member',
  '/vault': 'member',
  '/positions': 'member',
  '/orders': 'member',
  '/settings': 'member',
  '/settings/profile': 'member',
  '/settings/security': 'member',
  '/settings/notifications': 'member',
  '/settings/privacy': 'member',
  '/settings/delete': 'member',
  '/admin/users': 'administrator',
  '/admin/system': 'administrator',
}

/** The pages for some audience. */
export function pagesFor(...audiences: readonly Audience[]): string[] {
  return Object.entries(audienceOf).flatMap(([path, audience]) =>
    audiences.includes(audience) ? [path] : [],
  )
}
