import type { Asked } from './asked.ts';
import { transactionKey } from './bindings.ts';
import { FAULT_WORDS } from './custody.ts';
import { KEY_IDS, type Limits, limitsOf, NO_LIMITS } from './limits.ts';
import { Model } from './model.ts';
import { Plan } from './plan.ts';
import { type Answered, type Scene, shown } from './scene.ts';
import type { Event, Round, Step } from './steps.ts';
import { checkCounters, checkLimits } from './sums.ts';
import { Supply } from './supply.ts';
import { System } from './system.ts';
import type { World } from './world.ts';

const IN_FLIGHT = 128;

/** Rounds over an empty database, and the model beside it. */
export class Run {
  readonly system: System;
  readonly model: Model;
  readonly answered: Answered[] = [];
  readonly #world: World;
  readonly #supply: Supply;
  readonly #plan: Plan;
  /** Key id → its freezing, from after it is there to before it is taken away. */
  readonly #frozen = new Map<string, object>();
  #newest: { readonly version: number; readonly limits: Limits } = { version: 1, limits: NO_LIMITS };

  /** @param name stands in every id of it. */
  constructor(world: World, url: string, name: string) {
    this.#world = world;
    this.system = new System(world, url, NO_LIMITS);
    this.model = new Model(world);
    this.#supply = new Supply(world, name);
    this.#plan = new Plan(this.#supply, name);
  }

  async round({ seconds, event, alone, together }: Round): Promise<void> {
    if (seconds > 0) await this.system.database.skip(seconds);
    for (const step of alone) await this.#alone(step);
    for (const keyId of [...this.#frozen.keys()]) if (!isFreezingOf(event, keyId)) await this.#toggle(keyId);
    for (const replica of [0, 1]) await this.#catchUp(replica);
    const scene = this.#scene();
    await this.#together(together, event, scene);
    this.model.problems.push(
      ...checkCounters(await this.system.database.counters(), this.model.spending, this.#newest.limits),
      ...(scene.policyChanged
        ? []
        : checkLimits(scene.charged, this.model.spending, scene.limits, this.system.database.now())),
    );
  }

  /** One request with nothing beside it: its answer is known beforehand. */
  async #alone(step: Step): Promise<void> {
    const scene = this.#scene();
    const asked = this.#next(step, scene);
    const { keyId } = asked.recipe.account;
    const expected = this.model.predict(asked, {
      isSuperseded: this.#isSuperseded(step.replica),
      isFrozen: this.#frozen.has(keyId),
      limits: this.#newest.limits.of(keyId),
      now: this.system.database.now(),
      fault: this.system.custody.armed(keyId, asked.hash),
    });
    const answered = await this.#send(asked, step.replica);
    if (!expected.includes(answered.words)) {
      this.model.problems.push(`alone: expected ${expected.join(' or ')}, got ${shown(answered)}`);
    }
    await this.#settle([answered], scene);
  }

  async #together(steps: readonly Step[], event: Event, scene: Scene): Promise<void> {
    const answered: Answered[] = [];
    const queue = steps.entries();
    let happening: Promise<void> | undefined;
    const worker = async (): Promise<void> => {
      for (const [i, step] of queue) {
        if (i === steps.length >> 1) happening = this.#happen(event, scene);
        answered.push(await this.#send(this.#next(step, scene), step.replica));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    await (happening ?? this.#happen(event, scene));
    await this.#settle(answered, scene);
  }

  #scene(): Scene {
    for (const { keyId } of this.#world.evm) this.#supply.setNextNonce(keyId, this.model.nonces.row(keyId).next);
    return {
      nonces: this.model.nonces.copy(),
      limits: [this.#newest.limits],
      policyChanged: false,
      frozen: new Set(this.#frozen.keys()),
      crashed: new Set(),
      faults: new Map(),
      charged: new Set(),
    };
  }

  #next(step: Step, { faults }: Scene): Asked {
    const asked = this.#plan.next(step);
    if (step.fault === undefined) return asked;
    this.system.custody.arm(asked.recipe.account.keyId, asked.hash, step.fault);
    const key = transactionKey(asked);
    faults.set(key, (faults.get(key) ?? new Set()).add(FAULT_WORDS[step.fault]));
    return asked;
  }

  async #send(asked: Asked, wanted: number): Promise<Answered> {
    const { recipe } = asked;
    const replica = this.system.routed(wanted);
    const freezing = this.#frozen.get(recipe.account.keyId);
    const sent = { isSuperseded: this.#isSuperseded(replica), freezing, signed: this.model.signedBefore(asked) };
    const answered = { ...(await this.system.sign(replica, asked)), asked, replica, sent };
    this.answered.push(answered);
    this.model.hear(answered, freezing !== undefined && freezing === this.#frozen.get(recipe.account.keyId));
    if (recipe.rail === 'authorization' && answered.signed !== undefined) {
      this.#supply.learnEntry(recipe, answered.signed.transaction);
    }
    return answered;
  }

  async #settle(answered: readonly Answered[], scene: Scene): Promise<void> {
    this.system.custody.disarm();
    const lost = answered.filter(({ words }) => words === 'STORE_UNAVAILABLE').map(({ asked }) => asked);
    const reserved = lost.length === 0 ? new Map() : await this.system.database.reserved(lost);
    this.model.settle(answered, reserved, scene);
  }

  async #happen(event: Event, scene: Scene): Promise<void> {
    switch (event.kind) {
      case 'none':
        return;
      case 'policy':
        return this.#newPolicy(limitsOf(event.limits), event.both ? [0, 1] : [event.replica], scene);
      case 'freeze': {
        const keyId = KEY_IDS[event.key] ?? KEY_IDS[0];
        scene.frozen.add(keyId);
        return this.#toggle(keyId);
      }
      case 'crash':
        scene.crashed.add(event.replica);
        return this.system.crash(event.replica, event.restart);
      default:
        return event satisfies never;
    }
  }

  async #newPolicy(limits: Limits, replicas: readonly number[], scene: Scene): Promise<void> {
    const next = { version: this.#newest.version + 1, limits };
    scene.policyChanged = true;
    scene.limits.push(limits);
    for (const replica of replicas) {
      await this.system.setPolicy(replica, next.version, limits);
      if (this.system.version(replica) !== next.version) this.model.problems.push(`${next.version} was not accepted`);
      this.#newest = next;
    }
  }

  async #catchUp(replica: number): Promise<void> {
    const { version, limits } = this.#newest;
    if (this.#isSuperseded(replica)) await this.system.setPolicy(replica, version, limits);
    if (this.#isSuperseded(replica)) this.model.problems.push(`replica ${replica} did not take version ${version}`);
  }

  #isSuperseded(replica: number): boolean {
    return this.system.version(replica) < this.#newest.version;
  }

  async #toggle(keyId: string): Promise<void> {
    const wasFrozen = this.#frozen.delete(keyId);
    await this.system.database.setFrozen(keyId, !wasFrozen);
    if (!wasFrozen) this.#frozen.set(keyId, {});
  }
}

function isFreezingOf(event: Event, keyId: string): boolean {
  return event.kind === 'freeze' && KEY_IDS[event.key] === keyId;
}
