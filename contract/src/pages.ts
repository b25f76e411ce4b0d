/**
 * The pages of the web app, as exact paths: for these the server answers 200 with the app, and the app has a page for each.
 * Every other address that a browser opens gets the app with 404.
 */
export const pages = [
  '/',
  '/signup',
  '/verify',
  '/signin',
  '/forgot',
  '/reset',
  '/email-change',
  '/email-change/undo',
  '/setup',
  '/home',
  '/vault',
  '/positions',
  '/orders',
  '/settings',
  '/settings/profile',
  '/settings/security',
  '/settings/notifications',
  '/settings/privacy',
  '/settings/delete',
  '/admin/users',
  '/admin/system',
  '/ui',
] as const

/** The path of a page. */
export type PagePath = (typeof pages)[number]
