import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactNode
  readonly children: ReactNode
}

/** Actions behind a button; arrow keys, letters and Escape work as in any menu. */
export function Menu({ trigger, children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      {/* Note: not in a portal, so that it stays within the landmark of its button. */}
      <Radix.Content
        align="end"
        sideOffset={6}
        collisionPadding={8}
        className="z-50 max-h-[70dvh] min-w-56 max-w-(--radix-dropdown-menu-content-available-width) overflow-y-auto rounded-lg border border-line bg-surface p-1 text-base font-normal text-ink shadow-xl"
      >
        {children}
      </Radix.Content>
    </Radix.Root>
  )
}

const ITEM =
  'flex min-h-10 cursor-pointer items-center gap-2 rounded px-3 py-2 outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-accent-soft'

interface MenuItemProps {
  onSelect?(): void
  /** The child is the item itself, such as a link. */
  readonly asChild?: boolean
  readonly children: ReactNode
}

/** One action. */
export function MenuItem({ onSelect, asChild = false, children }: MenuItemProps) {
  return (
    <Radix.Item className={ITEM} asChild={asChild} {...(onSelect ? { onSelect } : {})}>
      {children}
    </Radix.Item>
  )
}

interface MenuChoiceProps {
  /** Names the options. */
  readonly label: string
  readonly value: string
  onChoose(value: string): void
  readonly children: ReactNode
}

/** One of several of which one is chosen; the children are `MenuOption`s. */
export function MenuChoice({ label, value, onChoose, children }: MenuChoiceProps) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onChoose} aria-label={label}>
      <MenuLabel>{label}</MenuLabel>
      {children}
    </Radix.RadioGroup>
  )
}

interface MenuOptionProps {
  readonly value: string
  readonly isDisabled: boolean
  /** What typing letters finds it by: its text may begin with something else. */
  readonly textValue: string
  readonly children: ReactNode
}

/** One of the options of a `MenuChoice`; the chosen one has a dot. */
export function MenuOption({ value, isDisabled, textValue, children }: MenuOptionProps) {
  return (
    <Radix.RadioItem value={value} disabled={isDisabled} className={ITEM} textValue={textValue}>
      <span
        aria-hidden="true"
        className="grid size-4 shrink-0 place-items-center rounded-full border border-line-strong"
      >
        <Radix.ItemIndicator>
          <span className="block size-2 rounded-full bg-accent" />
        </Radix.ItemIndicator>
      </span>
      {children}
    </Radix.RadioItem>
  )
}

/** Names the items that follow. */
export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return <Radix.Label className="px-3 pt-2 pb-1 text-xs font-semibold text-ink-soft">{children}</Radix.Label>
}

/** A line between groups of items. */
export function MenuLine() {
  return <Radix.Separator className="my-1 border-t border-line" />
}
