import { Link, Outlet } from '@tanstack/react-router'
import { useVisitor } from '../../lib/me.ts'
import { siteName } from '../../lib/page-meta.ts'
import { buttonClass } from '../../ui/button.tsx'

/** Around the pages that need nobody signed in. */
export function VisitorShell() {
  const me = useVisitor()
  return (
    <div className="grid min-h-dvh grid-rows-[auto_1fr]">
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex max-w-5xl items-center justify-between gap-3 px-4 py-2">
          <Link to="/" className="flex min-h-11 items-center gap-2 font-semibold">
            {siteName}
          </Link>
          <nav aria-label="Account" className="flex gap-2">
            {me ? (
              me.status === 'active' && (
                <Link to="/home" className={buttonClass('primary', true)}>
                  Your desk
                </Link>
              )
            ) : (
              <>
                <Link to="/signin" className={buttonClass('quiet', true)}>
                  Sign in
                </Link>
                <Link to="/signup" className={buttonClass('secondary', true)}>
                  Join
                </Link>
              </>
            )}
          </nav>
        </div>
      </header>
      <main id="content" className="mx-auto w-full max-w-5xl px-4 py-8">
        <Outlet />
      </main>
    </div>
  )
}
