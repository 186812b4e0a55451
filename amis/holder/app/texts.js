// All that the page says, in Latvian and in English: [lv, en]. `{name}` stands for a value.

/** @type {Record<string, [string, string]>} */
export const TEXTS = {
  name: ['Mani atvieglojumi', 'My concessions'],
  skip: ['Pāriet uz saturu', 'Skip to the content'],
  menu: ['Izvēlne', 'Menu'],
  code: ['Kods', 'Code'],
  have: ['Tiesības', 'Rights'],
  rides: ['Lietojumi', 'Uses'],
  why: ['Kāpēc', 'Why'],
  phone: ['Tālrunis', 'Phone'],
  wait: ['Lūdzu, uzgaidiet…', 'Please wait…'],
  offlineNow: [
    'Nav interneta savienojuma. Mēģiniet vēlreiz, kad tas ir.',
    'There is no internet connection. Try again when there is.'
  ],
  savedAt: [
    'Nav interneta savienojuma. Redzamās ziņas ir no {at}.',
    'There is no internet connection. What you see is from {at}.'
  ],
  unknown: ['Neizdevās. Mēģiniet vēlreiz pēc brīža.', 'That did not work. Try again in a moment.'],
  again: ['Mēģināt vēlreiz', 'Try again'],

  enrolTitle: ['Atvieglojumi Jūsu tālrunī', 'Your concessions on your phone'],
  enrolIntro: [
    'Ievadiet piekļuves kodu: tas ir pašvaldības vēstulē, vai to iedod pašvaldībā.',
    'Enter the access code: it is in the letter from the municipality, or they give it to you there.'
  ],
  enrolLabel: ['Piekļuves kods', 'Access code'],
  enrolHint: ['10 burti un cipari, piemēram, K7QF2-M9DXW', '10 letters and digits, for example K7QF2-M9DXW'],
  enrolWarning: [
    'Pēc tam kods būs tikai šajā tālrunī. Vēstulē nodrukātais QR kods un iepriekšējais tālrunis vairs nedarbosies.',
    'After that the code is on this phone alone. The QR code printed in the letter and an earlier phone stop working.'
  ],
  enrolButton: ['Turpināt', 'Continue'],
  enrolShort: [
    'Kodā ir 10 zīmes. Pārbaudiet, vai ievadījāt visas.',
    'The code has 10 characters. Check that you entered all of them.'
  ],

  codeTitle: ['Turiet šo kodu pretī lasītājam', 'Hold this code to the reader'],
  codeLabel: ['Jūsu QR kods. Tas mainās ik pēc 15 sekundēm.', 'Your QR code. It changes every 15 seconds.'],
  codeChanges: [
    'Kods pats mainās ik pēc 15 sekundēm. Ekrānattēls neder.',
    'The code changes by itself every 15 seconds. A screenshot does not work.'
  ],
  codeUntil: ['Bez interneta kods darbojas līdz {at}.', 'Without internet the code works until {at}.'],
  codeOver: [
    'Kods jāatjauno. Savienojiet tālruni ar internetu un atveriet šo lapu.',
    'The code must be renewed. Connect the phone to the internet and open this page.'
  ],

  haveTitle: ['Jūsu atvieglojumi', 'Your concessions'],
  haveNone: [
    'Šobrīd Jums nav neviena atvieglojuma. Lapā „Kāpēc” ir teikts, kādēļ.',
    'You have no concession now. The page “Why” says why.'
  ],
  haveOpen: ['Bez beigu datuma', 'Without an end date'],
  haveUntil: ['Līdz {day} (ieskaitot)', 'Until {day} (inclusive)'],
  havePaused: ['Pagaidām apturēts', 'Paused for now'],
  leftDay: ['Atlikums šodien: {left} no {of}', 'Left today: {left} of {of}'],
  leftWeek: ['Atlikums šonedēļ: {left} no {of}', 'Left this week: {left} of {of}'],
  leftMonth: ['Atlikums šomēnes: {left} no {of}', 'Left this month: {left} of {of}'],
  leftYear: ['Atlikums šogad: {left} no {of}', 'Left this year: {left} of {of}'],
  leftPeriod: ['Atlikums: {left} no {of}', 'Left: {left} of {of}'],

  ridesTitle: ['Kur un kad kods lietots', 'Where and when the code was used'],
  ridesNone: ['Kods vēl nav lietots.', 'The code has not been used yet.'],
  ridesMore: ['Rādīt vecākus', 'Show older ones'],
  ridePaid: ['Maksa: {payable}. Pilna cena: {gross}.', 'Price: {payable}. Full price: {gross}.'],
  rideDenied: ['Nepieņemts', 'Not accepted'],
  rideReversed: ['Atcelts: maksa un lietojums atdots', 'Taken back: the price and the use were returned'],

  whyTitle: ['Kāpēc man ir vai nav atvieglojuma', 'Why I have a concession or not'],
  whyNone: [
    'Nav neviena noteikuma, pēc kura Jums varētu piešķirt atvieglojumu.',
    'There is no rule by which you could be given a concession.'
  ],
  whyYes: ['Jums ir', 'You have'],
  whyNo: ['Jums nav', 'You do not have'],
  whyOpen: ['Nevar pateikt: trūkst ziņu', 'Cannot be told: data is missing'],
  lineYes: ['Jā', 'Yes'],
  lineNo: ['Nē', 'No'],
  lineOpen: ['Nav zināms', 'Not known'],
  whyMissing: ['Pašvaldībai trūkst šo ziņu:', 'The municipality lacks this data:'],
  whyWanted: ['Lai to piešķirtu, jāizpildās:', 'To get it, this has to hold:'],
  whyOn: ['no {day}', 'from {day}'],
  whyWrong: ['Ja kaut kas nav pareizi, vērsieties pašvaldībā.', 'If something is not right, turn to the municipality.'],

  phoneTitle: ['Šis tālrunis', 'This phone'],
  phoneSince: ['Lieto kopš {day}', 'In use since {day}'],
  phoneNumber: ['Koda numurs', 'Code number'],
  phoneLast: ['Derīgs līdz {day} (ieskaitot)', 'Valid until {day} (inclusive)'],
  phoneNote: [
    'Pierakstiet numuru uz papīra: to jautās, ja tālrunis pazudīs.',
    'Write the number down on paper: you will be asked for it if the phone is lost.'
  ],
  phoneLostTitle: ['Ja tālrunis pazūd vai to nozog', 'If the phone is lost or stolen'],
  phoneLost: [
    'Nekavējoties paziņojiet: {town}. Kodu bloķēs, un neviens cits to nevarēs lietot. Jaunu kodu iedos pašvaldībā.',
    'Tell at once: {town}. They block the code, and nobody else can use it. They give you a new one there.'
  ],
  phoneNewTitle: ['Ja Jums ir jauns tālrunis', 'If you have a new phone'],
  phoneNew: [
    'Palūdziet pašvaldībā piekļuves kodu un ievadiet to jaunajā tālrunī. Šis tālrunis tad vairs nedarbosies.',
    'Ask the municipality for an access code and enter it on the new phone. This phone then stops working.'
  ],
  phoneEndTitle: ['Vairs nelietot šo tālruni', 'Stop using this phone'],
  phoneEnd: [
    'Kods no tālruņa tiks dzēsts un vairs nedarbosies.',
    'The code is deleted from the phone and stops working.'
  ],
  phoneEndButton: ['Vairs nelietot', 'Stop using it'],
  phoneEndSure: [
    'Vai tiešām? Lai kodu dabūtu atpakaļ, būs jāvēršas pašvaldībā.',
    'Are you sure? To get a code again, you have to turn to the municipality.'
  ],
  phoneEndYes: ['Jā, dzēst kodu', 'Yes, delete the code'],
  phoneEndNo: ['Nē, paturēt', 'No, keep it'],
  phoneEnded: ['Kods no šī tālruņa ir dzēsts.', 'The code was deleted from this phone.'],
  phoneHome: [
    'Lai lapu būtu viegli atrast, pārlūka izvēlnē izvēlieties „Pievienot sākuma ekrānam”.',
    'To find this page easily, choose “Add to home screen” in the menu of the browser.'
  ]
}

/** What went wrong, by the code of the service. @type {Record<string, [string, string]>} */
export const FAULTS = {
  offline: TEXTS.offlineNow,
  unknown: TEXTS.unknown,
  holder_code_refused: [
    'Šis piekļuves kods neder. Pārbaudiet, vai tas ievadīts pareizi. Ja tas jau lietots, palūdziet pašvaldībā jaunu.',
    'This access code does not work. Check how you entered it. If it was used, ask the municipality for a new one.'
  ],
  holder_too_many_codes: ['Pārāk daudz mēģinājumu. Uzgaidiet minūti.', 'Too many attempts. Wait a minute.'],
  holder_proof_refused: [
    'Tālrunis nevarēja pierādīt savu atslēgu. Mēģiniet vēlreiz.',
    'The phone could not prove its key. Try again.'
  ],
  holder_proof_reused: TEXTS.unknown,
  holder_clock_off: [
    'Tālruņa pulkstenis nav pareizs. Iestatiet datumu un laiku.',
    'The clock of the phone is wrong. Set its date and time.'
  ],
  holder_device_unknown: [
    'Šajā tālrunī kods vairs nedarbojas. Jaunu piekļuves kodu iedos pašvaldībā.',
    'The code on this phone no longer works. The municipality gives you a new access code.'
  ],
  holder_device_in_use: TEXTS.unknown,
  holder_token_blocked: [
    'Jūsu kods ir bloķēts un pagaidām nedarbojas. Vērsieties pašvaldībā.',
    'Your code is blocked and does not work for now. Turn to the municipality.'
  ],
  holder_token_ended: [
    'Šis kods vairs nav derīgs. Jaunu piekļuves kodu iedos pašvaldībā.',
    'This code is no longer valid. The municipality gives you a new access code.'
  ],
  holder_not_for_phone: [
    'Šo kodu nevar pārnest uz tālruni. Vērsieties pašvaldībā.',
    'This code cannot be put onto a phone. Turn to the municipality.'
  ],
  token_nothing_granted: [
    'Šobrīd Jums nav neviena atvieglojuma, ko kodā rādīt. Vērsieties pašvaldībā.',
    'You have no concession now that the code could show. Turn to the municipality.'
  ],
  invalid_key: [
    'Šis pārlūks nav piemērots. Atjauniniet to vai izmantojiet citu.',
    'This browser cannot be used. Update it or use another one.'
  ]
}

/** Why a use was refused or warned of, in plain words, by rules.reason. @type {Record<string, [string, string]>} */
export const REASONS = {
  OK: ['Derīgs', 'Valid'],
  OK_EXPIRES_SOON: ['Derīgs, bet drīz beigsies', 'Valid, but ends soon'],
  OK_AMNESTY: [
    'Pieņemts, bet kods jānomaina: vērsieties pašvaldībā',
    'Accepted, but the code has to be replaced: turn to the municipality'
  ],
  TERMINAL_STALE: ['Lasītājam nebija jaunāko ziņu', 'The reader did not have the latest data'],
  CLOCK: ['Lasītāja pulkstenis nebija pareizs', 'The clock of the reader was wrong'],
  RIGHTS_CHANGED: [
    'Jūsu tiesības ir mainījušās: atveriet lapu, kad ir internets',
    'Your rights have changed: open this page with an internet connection'
  ],
  PASSBACK: ['Kods tikko jau bija lietots', 'The code had just been used'],
  QUOTA_USED: ['Šī perioda lietojumi jau izlietoti', 'All uses of this period were used up'],
  ONLINE_REQUIRED: ['Lasītājam vajadzēja interneta savienojumu', 'The reader needed a connection'],
  OUT_OF_TIME: ['Šajā laikā atvieglojums nav spēkā', 'The concession does not hold at this time'],
  OUT_OF_SCOPE: ['Šeit atvieglojums nav spēkā', 'The concession does not hold here'],
  ENTITLEMENT_SUSPENDED: ['Atvieglojums ir apturēts', 'The concession is paused'],
  COMPANION_WITHOUT_HOLDER: ['Pavadonim jābrauc kopā ar Jums', 'The companion has to travel with you'],
  NO_ENTITLEMENT: ['Jums nav atvieglojuma, ko šeit pieņem', 'You have no concession that is accepted here'],
  REPLAY: [
    'Šis kods jau bija nolasīts: pagaidiet, līdz tas nomainās',
    'This code had been read already: wait until it changes'
  ],
  TOKEN_NOT_ACTIVE: ['Kods vēl nav spēkā', 'The code is not valid yet'],
  TOKEN_EXPIRED: ['Koda termiņš ir beidzies', 'The code has ended'],
  TOKEN_BLOCKED: ['Kods ir bloķēts: vērsieties pašvaldībā', 'The code is blocked: turn to the municipality'],
  UNKNOWN_TOKEN: ['Kods nav zināms', 'The code is not known'],
  PRESENTATION_STALE: [
    'Kods bija novecojis: pagaidiet, līdz tas nomainās',
    'The code was too old: wait until it changes'
  ],
  SCREENSHOT: ['Ekrānattēls neder: rādiet kodu šajā lapā', 'A screenshot does not work: show the code on this page'],
  UNKNOWN_KEY: ['Lasītājs nepazina koda izdevēju', 'The reader did not know who issued the code'],
  BAD_SIGNATURE: ['Kods ir bojāts', 'The code is damaged'],
  MALFORMED: ['Kodu neizdevās nolasīt', 'The code could not be read']
}
