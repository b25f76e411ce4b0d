import { Link } from '@tanstack/react-router'
import { Menu as MenuIcon } from 'lucide-react'
import { SignOutItem } from '../../features/accounts/components/sign-out-item.tsx'
import { ActiveCredentialProblem } from '../../features/vault/components/active-credential-problem.tsx'
import { CredentialSwitcher } from '../../features/vault/components/credential-switcher.tsx'
import { isAdministrator, useMe } from '../../lib/me.ts'
import { siteName } from '../../lib/page-meta.ts'
import { buttonClass } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../ui/menu.tsx'

const PLACES = [
  { to: '/home', name: 'Desk' },
  { to: '/positions', name: 'Positions' },
  { to: '/orders', name: 'Orders' },
  { to: '/vault', name: 'Vault' },
] as const

const LINK =
  'flex min-h-11 items-center rounded-md px-3 whitespace-nowrap text-ink-soft hover:bg-sunken aria-[current=page]:font-semibold aria-[current=page]:text-ink aria-[current=page]:underline aria-[current=page]:decoration-2 aria-[current=page]:underline-offset-8'

/** The bar over every page of a member: where to go, with which credential, as whom. */
export function MemberHeader() {
  return (
    <header className="not-printed border-b border-line bg-surface">
      <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-2 px-4 py-1">
        <Link to="/home" className="flex min-h-11 items-center pr-2 font-semibold">
          <span className="max-w-24 truncate sm:max-w-none">{siteName}</span>
        </Link>
        <nav aria-label="Main" className="order-last flex w-full overflow-x-auto md:order-none md:w-auto">
          {PLACES.map(({ to, name }) => (
            <Link key={to} to={to} className={LINK}>
              {name}
            </Link>
          ))}
        </nav>
        <div className="flex min-w-48 flex-1 basis-0 items-center justify-end gap-2">
          <CredentialSwitcher />
          <MemberMenu />
        </div>
      </div>
      <ActiveCredentialProblem />
    </header>
  )
}

function MemberMenu() {
  const me = useMe()
  return (
    <Menu
      trigger={
        <button type="button" className={buttonClass('quiet', true)} aria-label={`Menu of ${me.username}`}>
          <MenuIcon size={20} aria-hidden="true" />
        </button>
      }
    >
      <MenuLabel>{me.display_name ?? me.username}</MenuLabel>
      <MenuItem asChild>
        <Link to="/settings">Settings</Link>
      </MenuItem>
      {isAdministrator(me) && (
        <>
          <MenuItem asChild>
            <Link to="/admin/users">Members</Link>
          </MenuItem>
          <MenuItem asChild>
            <Link to="/admin/system">System</Link>
          </MenuItem>
        </>
      )}
      <MenuLine />
      <SignOutItem />
    </Menu>
  )
}
