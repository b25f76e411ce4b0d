import { LogOut } from 'lucide-react'
import { MenuItem } from '../../../ui/menu.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { useSignOut } from '../use-sign-out.ts'

/** Signs out, in a menu. */
export function SignOutItem() {
  const { signOut } = useSignOut(showToast)
  return (
    <MenuItem onSelect={signOut}>
      <LogOut size={18} aria-hidden="true" />
      Sign out
    </MenuItem>
  )
}
