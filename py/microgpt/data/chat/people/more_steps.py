"""Ways in which people ask for sums of two steps, or of one number, one a line."""

MORE = {
    "{a}+{b}+{c}": """
        first {a}, then {b}, then {c}. All?
        the sides are {a}, {b} and {c}, how long are they together
        {n} buys things for {a}, {b} and {c}. What is to be paid?
        {a}, {b} and {c}: total?
        {n} has {a}, {m} has {b} and I have {c}. Together?
        add these three up: {a} {b} {c}
        breakfast {a}, lunch {b}, dinner {c}, how much did i spend?
        {a} red, {b} blue and {c} green {t}. How many {t}?
        {a} on Monday, {b} on Tuesday, {c} on Wednesday, how many in three days
        {n} has {a} dogs, {b} cats and {c} birds. How many pets is that?
        i paid {a}, then {b} and at last {c}. how much did i pay
        what do {a}, {b} and {c} make
        {a} plus {b} plus {c} please
        a train has {a} people in the first car, {b} in the second and {c} in the third. People?
        the total of {a}, {b} and {c}?
    """,
    "{a}+{b}-{c}": """
        {n} had {a} {t}, bought {b} and gave away {c}. How many now?
        {a} in the pot, {b} come to it, {c} are taken out. What is in it?
        i earn {a} and {b} and pay {c}. how much do i keep
        I had {a}, won {b} and then lost {c}. What do I have?
        {a} people in the train, {b} get in and {c} get out. how many now?
        start at {a}, go up {b}, go down {c}
        {n} picks {a} {t}, then {b} more, and eats {c}. How many are left?
        {a} plus {b}, but without {c}
        my account has {a}, {b} come in and {c} go out
        {n} has {a} sweets, gets {b} from {m} and eats {c}. How many sweets are left?
        {a} and {b} together, minus {c}
        {a} birds sit there, {b} come and {c} fly away. how many birds sit there now
        a tank has {a} litres. We add {b} and use {c}. How many litres now?
        i had {a} euros, earned {b}, spent {c}. how many euros do i have
    """,
    "{a}-{b}-{c}": """
        out of {a} we lose {b} and later {c}. Left?
        {n} saved {a}, spends {b} today and {c} tomorrow. What is left?
        a rope of {a}, first {b} and then {c} are cut off, how long is it
        {n} has {a} {t}, gives {b} to {m} and loses {c}. How many are left?
        from {a} take {b} and then another {c}
        i had {a}, paid {b} for food and {c} for the bus. what is left
        {a} {t}, {b} are sold, {c} are stolen, how many remain?
        there were {a} cakes. {n} ate {b} and {m} ate {c}. How many cakes are there now?
        {a} minus {b} minus {c}
        i have {a} euros and buy things for {b} and {c}. what is left
        of {a} pages i read {b} yesterday and {c} today, how many still
        take {b} and {c} away from {a}
    """,
    "{a}-{b}+{c}": """
        {a} people, {b} leave and {c} arrive
        take {b} from {a} and put {c} back
        there were {a} guests, {b} went home, {c} new ones came. How many guests?
        i had {a}, spent {b}, then got {c} back
        {n} has {a} {t}, loses {b} and finds {c}. How many now?
        {n} had {a} coins, lost {b} and got {c} back. How many coins now?
        {a} people on a boat, {b} get off, {c} get on. how many people are on the boat
        a shop has {a} pens, sells {b} and orders {c} more. How many pens?
        {a} take away {b} and then add {c}
    """,
    "{a}*{b}+{c}": """
        {n} has {a} packs of {b} {t} and {c} more. How many?
        {a} hours at {b} and {c} extra, what is my pay
        {a} boxes with {b} {t} and {c} loose ones, how many {t}?
        {a} tickets for {b} each plus a fee of {c}, total price?
        {a} times {b} and then {c} more
        {n} works {a} hours at {b} an hour and gets a gift of {c}. How much money?
        {n} buys {a} pens for {b} each and a book for {c}. How much is that?
        {a} boxes of {b} and another {c}
        {a} tables with {b} chairs each and {c} chairs outside. How many chairs?
        what is {a} times {b}, plus {c}
        {n} saves {a} a week for {b} weeks and has {c} already. How much has {n} then?
    """,
    "{a}*{b}-{c}": """
        {a} rows of {b} {t}, {c} are gone. How many are there?
        {n} makes {a} trays of {b} cakes and eats {c}. How many are left?
        {a} bags with {b} {t} each, {c} are bad. How many good ones?
        {a} cartons of {b} eggs, {c} eggs break. how many whole eggs
        i buy {a} things for {b} each and get {c} off, what do i pay
        {n} has {a} bags of {b} nuts and eats {c}. How many nuts are left?
        {a} times {b} and {c} less
        {a} classes of {b} pupils, {c} are ill. How many pupils are there?
        i work {a} days for {b} a day and spend {c}. what is left
        multiply {a} by {b} and take away {c}
    """,
    "({a}+{b})*{c}": """
        {a} and {b} together, and that {c} times
        each of {c} friends gets {a} red and {b} blue {t}. How many in all?
        sum {a} and {b}, times {c}
        every day {a} boys and {b} girls come, how many children in {c} days?
        the sum of {a} and {b} multiplied by {c}
        {a} plus {b}, then times {c}
        {c} bags have {a} nuts and {b} dates each. How many are that in all?
        a meal is {a} and a drink {b}. What do {c} people pay?
        add {a} to {b} and multiply by {c}
    """,
    "({a}+{b})/{c}": """
        add {a} and {b}, then share by {c}
        we earned {a} and {b} and are {c} people. How much is it for each?
        {a} and {b} sweets shared by {c} kids. each?
        the sum of {a} and {b} divided by {c}
        {n} has {a} {t}, finds {b} more and shares all with {c} friends. How many each?
        {n} has {a} and {m} has {b}. They share with {c} people. How much for each?
        {a} plus {b}, divided by {c}
        {a} boys and {b} girls make {c} teams. How many in a team?
        put {a} and {b} together and split it {c} ways
    """,
    "({a}-{b})/{c}": """
        {a} without {b}, shared by {c}
        {n} has {a} {t}, keeps {b} and shares the rest between {c} kids. Each gets?
        {a} less {b}, all of it divided by {c}
        of {a} {t} {b} are bad, the others go evenly into {c} bags. How many in a bag?
        {n} had {a}, spent {b} and gave the rest to {c} kids. How much did each get?
        {a} minus {b}, then divide by {c}
        of {a} eggs {b} broke, the others go in boxes of {c}. How many boxes?
        take {b} from {a} and share among {c}
    """,
    "{a}*2": """
        twice as much as {a}
        {a} two times
        i want the double of {a}
        what is {a} twice
        double {a} please
        two times {a}
        what is the double of {a}?
        {a} pairs of socks are how many socks?
    """,
    "{a}/2": """
        split {a} in half
        half as much as {a}
        cut {a} in two
        {n} gives one half of {a} {t} away. How many is that?
        what is half of {a}
        {n} and {m} share {a} equally. How many does each get?
        one half of {a}?
        halve {a}
    """,
    "{a}*3": """
        triple {a}
        three of {a} are how much
        what is three times {a}
        make {a} three times as big
    """,
    "{a}*7": """
        how many days are {a} weeks
        {a} weeks in days?
        i stay for {a} weeks, how many days is that
    """,
    "{a}*60": """
        how many minutes are {a} hours?
        {a} minutes in seconds?
        how many seconds do {a} minutes have
    """,
    "{a}*12": """
        how many months are {a} years
        {a} dozen eggs, how many eggs?
        {a} years, how many months
        how many months do {a} years have?
    """,
    "{a}+1": """
        which number comes after {a}?
        what number follows {a}
        one more than {a}
    """,
    "{a}-1": """
        which number comes before {a}?
        one less than {a}
        the number right before {a}?
    """,
    "{a}*{a}": """
        {a} squared
        the square of {a}
        {a} times itself
        square {a}
        what is {a} to the power of two
    """,
    "{a}/100*{b}": """
        how much is {a} percent out of {b}
        {b} dollars and a tip of {a}%, how much is the tip?
        I get {a}% off {b}, how much do I save?
        {a} in a hundred of {b} is?
        {a}% of {b}
        what is {a} percent of {b}?
        {a} percent of {b} people came. How many came?
    """,
}
