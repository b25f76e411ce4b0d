import { useMutation } from '@tanstack/react-query'
import { LogOut } from 'lucide-react'
import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'
import { MenuItem } from '../../../ui/menu.tsx'

/** Ends this session and starts over, so that nothing of it stays in the page's memory. */
export function SignOutItem() {
  const { mutate } = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/auth/logout', { body: {} })),
    onSettled: () => location.assign('/'),
  })
  return (
    <MenuItem onSelect={mutate}>
      <LogOut size={18} aria-hidden="true" />
      Sign out
    </MenuItem>
  )
}
