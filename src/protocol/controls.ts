import { BadRequestError } from "./errors.js";
import { PlaneKind } from "./generated/playblast/v1/plane.js";
import { planeName } from "./plane.js";

/** Kinds that are read whenever they come, declared or not. */
const ALWAYS_READ: ReadonlySet<PlaneKind> = new Set([
  PlaneKind.PLANE_KIND_DEPTH,
  PlaneKind.PLANE_KIND_OWNER_ID,
  PlaneKind.PLANE_KIND_NORMAL,
  PlaneKind.PLANE_KIND_SHADE,
]);

/** Kinds that are read where a shot declares them. */
const READ_WHERE_DECLARED: ReadonlySet<PlaneKind> = new Set([
  PlaneKind.PLANE_KIND_ALBEDO,
  PlaneKind.PLANE_KIND_SURFACE_ID,
  PlaneKind.PLANE_KIND_COLOUR,
]);

/** Kinds that may be declared and that nothing reads yet. */
const UNUSED: ReadonlySet<PlaneKind> = new Set([PlaneKind.PLANE_KIND_ROUGHNESS, PlaneKind.PLANE_KIND_METALLIC]);

/** Kinds whose only use is to be a control: who sends one without declaring it has forgotten that. A finished colour may be sent to be recorded. */
const ONLY_CONTROLS: readonly PlaneKind[] = [PlaneKind.PLANE_KIND_ALBEDO, PlaneKind.PLANE_KIND_SURFACE_ID];

/** Kinds that may be declared, for messages. */
const ALLOWED = [...ALWAYS_READ, ...READ_WHERE_DECLARED, ...UNUSED].map(planeName).join(", ");

/**
 * The kinds of planes that an OpenShot declares in `controls`.
 *
 * @throws BadRequestError naming the entry, what came, what is allowed and what to do.
 */
export function readControls(kinds: readonly PlaneKind[]): ReadonlySet<PlaneKind> {
  const controls = new Set<PlaneKind>();
  kinds.forEach((kind, i) => {
    const field = `open_shot.controls[${i}]`;
    if (kind === PlaneKind.PLANE_KIND_TRUTH || kind === PlaneKind.PLANE_KIND_MOTION) {
      const why = kind === PlaneKind.PLANE_KIND_TRUTH ? "is what a picture is compared with" : "is read by no model";
      throw new BadRequestError(field, `is ${planeName(kind)}, which ${why} and is no control; leave it out`);
    }
    if (!ALWAYS_READ.has(kind) && !READ_WHERE_DECLARED.has(kind) && !UNUSED.has(kind)) {
      throw new BadRequestError(
        field,
        `is ${planeName(kind)}; allowed are ${ALLOWED}. Name those that every frame has`,
      );
    }
    if (controls.has(kind))
      throw new BadRequestError(field, `is ${planeName(kind)} for the second time; name each kind once`);
    controls.add(kind);
  });
  return controls;
}

/** Whether planes of a kind are read in a shot that declares these controls. Of the others the header and the length are checked. */
export function isRead(kind: PlaneKind, controls: ReadonlySet<PlaneKind>): boolean {
  return ALWAYS_READ.has(kind) || (READ_WHERE_DECLARED.has(kind) && controls.has(kind));
}

/** Those of the declared controls that nothing reads yet. */
export function unusedControls(controls: ReadonlySet<PlaneKind>): PlaneKind[] {
  return [...controls].filter((kind) => UNUSED.has(kind));
}

/** Kinds among a frame's planes that would steer the picture if the shot had declared them. */
export function undeclaredControls(
  planes: readonly { readonly kind: PlaneKind }[],
  controls: ReadonlySet<PlaneKind>,
): PlaneKind[] {
  return ONLY_CONTROLS.filter((kind) => !controls.has(kind) && planes.some((plane) => plane.kind === kind));
}

/**
 * Checks that a frame has what its shot promised.
 *
 * @throws BadRequestError naming the kinds that it lacks and what to do.
 */
export function checkPromised(planes: readonly { readonly kind: PlaneKind }[], controls: ReadonlySet<PlaneKind>): void {
  const missing = [...controls].filter((kind) => !planes.some((plane) => plane.kind === kind));
  if (missing.length === 0) return;
  const it = missing.length === 1 ? "it" : "them";
  throw new BadRequestError(
    "engine_frame.planes",
    `lacks ${missing.map(planeName).join(" and ")}, which open_shot.controls promises with every frame; send ${it} with every tick or leave ${it} out of controls`,
  );
}
