import { button, click, create, part, tell } from "./dom.js";
import type { Language } from "./language.js";
import type { Stages } from "./stages.js";
import { TROUBLES, type Trouble } from "./troubles.js";

interface Terms {
  readonly language: Language;
  readonly stages: Stages;
  readonly canRetry?: boolean;
  /** The board may go on without what failed. */
  readonly canSkip?: boolean;
}

/** The panel that says what went wrong, and what to do. Resolves when the person chose. */
export async function showTrouble(
  trouble: Trouble,
  reason: string,
  { language, stages, canRetry = true, canSkip = false }: Terms,
): Promise<"retry" | "other" | "skip"> {
  const { title, hints } = TROUBLES[trouble];
  language.say(part("trouble-title"), title);
  part("trouble-hints").replaceChildren(
    ...hints.map((hint) => {
      const item = create("li");
      language.say(item, hint);
      return item;
    }),
  );
  tell(part("trouble-reason"), `${trouble}: ${reason}`);
  button("retry").hidden = !canRetry;
  button("give-up").hidden = !canRetry;
  button("skip").hidden = !canSkip;
  stages.show("trouble");
  return await Promise.race([
    click(button("retry")).then(() => "retry" as const),
    click(button("give-up")).then(() => "other" as const),
    click(button("skip")).then(() => "skip" as const),
  ]);
}
