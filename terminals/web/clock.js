// The time at this device: its wall clock, put right by what the service says, and doubted where it cannot be right.

/** The wall clock runs on while a device sleeps, the steady clock need not: waking up is no jump. */
export class Clock {
  #wall
  #steady
  #began
  #offset

  /**
   * @param {number} offset milliseconds by which the service was last known to be ahead of the wall clock
   * @param {() => number} wall
   * @param {() => number} steady both in milliseconds; `steady` is never set back
   */
  constructor (offset = 0, wall = Date.now, steady = () => performance.now()) {
    this.#offset = offset
    this.#wall = wall
    this.#steady = steady
    this.#began = wall() - steady()
  }

  /** The present moment in milliseconds since 1970, as well as it is known. */
  now () {
    return this.#wall() + this.#offset
  }

  get offset () { return this.#offset }

  /** The wall clock as it stands. */
  wall () {
    return this.#wall()
  }

  /** The service's time in an answer that took so long: it was said half that time ago. @param {number} moment */
  tell (moment, took) {
    this.#offset = moment + took / 2 - this.#wall()
    this.#compare()
  }

  /** The device has slept: how the two clocks stand to each other says nothing. */
  woke () {
    if (this.#drift() > 0) this.#compare()
  }

  /**
   * Whether this clock cannot be trusted.
   * @param {number} floor a moment that has certainly passed
   * @param {number} slack milliseconds
   */
  doubtful (floor, slack) {
    return this.now() < floor - slack || Math.abs(this.#drift()) > slack
  }


  #drift () {
    return this.#wall() - this.#steady() - this.#began
  }

  #compare () {
    this.#began = this.#wall() - this.#steady()
  }
}
