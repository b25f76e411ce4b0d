import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { meQuery } from '../lib/me.ts'
import { pathWithin } from '../lib/path-within.ts'
import { queryClient } from '../lib/query-client.ts'
import { ErrorPage } from './pages/error.page.tsx'
import { NotFoundPage } from './pages/not-found.page.tsx'
import { RootShell } from './shell/root-shell.tsx'
import { VisitorShell } from './shell/visitor-shell.tsx'

const rootRoute = createRootRoute({
  component: RootShell,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
})

const visitorRoute = createRoute({ getParentRoute: () => rootRoute, id: 'visitor', component: VisitorShell })

/** Everything behind it needs an active member; others are sent to where they become one. */
const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'member',
  component: lazyRouteComponent(() => import('./shell/member-shell.tsx'), 'MemberShell'),
  async beforeLoad({ location }) {
    const me = await queryClient.ensureQueryData(meQuery)
    if (me === null) throw redirect({ to: '/signin', search: { next: location.href } })
    if (me.status === 'pending_verification') throw redirect({ to: '/verify' })
  },
})

const visitor = <P extends string>(path: P, load: Parameters<typeof lazyRouteComponent>[0]) =>
  createRoute({ getParentRoute: () => visitorRoute, path, component: lazyRouteComponent(load, 'Page') })

const member = <P extends string>(path: P, load: Parameters<typeof lazyRouteComponent>[0]) =>
  createRoute({ getParentRoute: () => memberRoute, path, component: lazyRouteComponent(load, 'Page') })

const signInRoute = createRoute({
  getParentRoute: () => visitorRoute,
  path: '/signin',
  // Note: undefined and not left out, because the router keeps what a validation leaves out as it came.
  validateSearch: ({ next }: Record<string, unknown>): { next?: string | undefined } => ({
    next: pathWithin(next),
  }),
  component: lazyRouteComponent(() => import('./pages/sign-in.page.tsx'), 'Page'),
})

const routeTree = rootRoute.addChildren([
  visitorRoute.addChildren([
    visitor('/', () => import('./pages/welcome.page.tsx')),
    visitor('/signup', () => import('./pages/sign-up.page.tsx')),
    visitor('/verify', () => import('./pages/verify.page.tsx')),
    signInRoute,
    visitor('/forgot', () => import('./pages/forgot.page.tsx')),
    visitor('/reset', () => import('./pages/reset.page.tsx')),
    visitor('/email-change', () => import('./pages/email-change.page.tsx')),
    visitor('/email-change/undo', () => import('./pages/email-change-undo.page.tsx')),
    visitor('/setup', () => import('./pages/setup.page.tsx')),
    visitor('/ui', () => import('./pages/design-system.page.tsx')),
  ]),
  memberRoute.addChildren([
    member('/home', () => import('./pages/home.page.tsx')),
    member('/vault', () => import('./pages/vault.page.tsx')),
    member('/positions', () => import('./pages/positions.page.tsx')),
    member('/orders', () => import('./pages/orders.page.tsx')),
    member('/settings', () => import('./pages/settings.page.tsx')),
    member('/settings/profile', () => import('./pages/settings-profile.page.tsx')),
    member('/settings/security', () => import('./pages/settings-security.page.tsx')),
    member('/settings/notifications', () => import('./pages/settings-notifications.page.tsx')),
    member('/settings/privacy', () => import('./pages/settings-privacy.page.tsx')),
    member('/settings/delete', () => import('./pages/settings-delete.page.tsx')),
    member('/admin/users', () => import('./pages/admin-users.page.tsx')),
    member('/admin/system', () => import('./pages/admin-system.page.tsx')),
  ]),
])

/** Which page stands at which path; every page is fetched when it is first looked at. */
export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingMs: 300,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
