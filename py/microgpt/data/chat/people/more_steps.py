"""Ways in which people ask for sums of two steps without brackets, one a line."""

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
        sold {a} on monday, {b} on tuesday and {c} on wednesday, total?
        {a} steps, {b} steps and {c} steps: how many steps combined
        {n} scored {a}, {b} and {c} in three games. How many points altogether?
        my three kids weigh {a}, {b} and {c} kg. what do they weigh together
        bus {a}, lunch {b}, museum {c}. what does the trip cost
        Milk is {a}, bread is {b} and butter is {c}. What is the bill?
        {a} people came first, {b} joined them and then {c} more, how many are there
        {n} had {a} {t}, got {b} from {m} and bought {c} more. How many {t} now?
        we drove {a} km, then {b} km and a last {c} km, how long was the trip
        {a} adults, {b} kids, {c} babies. everyone in total?
        in the morning {a}, at noon {b}, at night {c}, whats the sum for the day
        There were {a} {t} in the box. {n} added {b} and {m} added {c}. How many are in it now?
        had {a}, earned {b}, found {c}. now?
        a wall of {a} m, one of {b} m and one of {c} m need paint. how many metres is that
        three shelves hold {a}, {b} and {c} books. How many books in all?
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
        {n} had {a} {t}, got {b} more and then gave {c} to {m}. How many does {n} have now?
        had {a}, got {b}, gave away {c}. whats left
        {a} in the bank, pay of {b} comes, rent of {c} goes. what's left over
        i got {a} from mum n {b} from dad but spent {c} how much i got now
        {n} and {m} have {a} and {b} coins and spend {c} together. Coins left over?
        A shop had {a} hats, {b} were delivered and {c} sold. How many hats are in the shop now?
        there are {a} boys and {b} girls but {c} of them are ill. how many are in school
        the bus had {a} on it, picked up {b}, let out {c}. how many ride now
        {a} red and {b} yellow balloons, {c} burst. How many balloons remain?
        I picked {a} apples today and {b} yesterday, {c} were bad. How many good apples have I got?
        {n} baked {a} cakes in the morning and {b} at noon and sold {c}. How many are unsold?
        it was {a} degrees, rose by {b} and fell by {c}. how warm is it in the end
        a bill of {a} plus {b} for drinks, minus a voucher of {c}, to pay?
        two bags of {a} and {b} sweets, {c} sweets eaten, how many still there
        the meal was {a}, the wine {b}, i have {c} with me. how much is missing
        {n} needs {a} planks here and {b} there and has {c} already. How many must {n} buy?
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
        {n} had {a} euros, paid {b} for a book and {c} for a pen. How many euros are left over?
        i have {a}. rent takes {b}, food takes {c}. what remains
        {a} cookies, {n} ate {b}, {m} ate {c}, how many still in the jar
        Out of {a} pupils {b} walk, {c} come by bike and the others by bus. How many come by bus?
        of {a} flowers {b} are red and {c} are white. the rest is pink, how many pink ones?
        {a} tickets: sold {b} on saturday and {c} on sunday. how many left to sell
        a trip of {a} km, {b} km on the first day, {c} km on the second. how far is it still to go
        had {a}, lost {b}, then lost {c} more, left?
        the shop had {a} lamps. it sold {b} on monday and {c} on tuesday. How many lamps remain?
        {n} has {a} {t}. {n} gives {b} to a friend and {c} to {m}. How many does {n} keep?
        a barrel with {a} litres, {b} litres leak out and {c} are drunk, what is left in it
        three numbers make {a}, two of them are {b} and {c}. the third?
        i must read {a} pages. did {b} on friday, {c} on saturday. pages left?
        change from {a} if i buy a cake for {b} and a tea for {c}?
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
        {n} had {a} {t}, gave {b} away and then got {c} new ones. How many are there now?
        i had {a}, gave {b} to my sister, then got {c} from dad. how much now
        {a} on the train, {b} get out, {c} get in. riders now?
        The library had {a} books, lent out {b} and got {c} back. How many books are there now?
        my balance was {a}, i paid {b}, then {c} came in. balance?
        it was {a} degrees, fell {b}, rose {c}. now how many degrees
        {n} weighed {a} kg, lost {b} kg and put {c} kg back on. What does {n} weigh?
        {a} fish in the pond, a bird took {b}, we put in {c} more, how many are in the pond now
        a farmer with {a} cows sells {b} and buys {c}. cows?
        had {a} spent {b} earned {c} so i have
        {a} employees, {b} quit, {c} are hired. How many work there now?
        the lift held {a}, {b} stepped out, then {c} stepped in
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
        {n} saves {a} a week for {b} weeks and then gets {c} from an aunt. How much does {n} have?
        {a} a week for {b} weeks and {c} on top, total?
        a taxi takes {a} per km for {b} km and {c} to start with. what do i pay
        {n} buys {a} tickets at {b} each and a drink for {c}. What does it cost altogether?
        {a} rows of {b} seats and {c} extra seats, how many can sit
        i got {a} bags of {b} sweets and {c} sweets more in my pocket, how many altogether
        There are {a} full boxes with {b} {t} apiece, and {c} {t} left over. How many {t} are there?
        {a} teams of {b} kids and {c} teachers go, how many people go
        {a} nights at {b} per night plus {c} for cleaning
        my job pays {a} an hour. i did {b} hours and got a tip of {c}. how much in total
        each of {a} kids brings {b} cookies and the teacher brings {c}. how many cookies
        {n} reads {a} pages a day for {b} days and {c} pages on the last day. How long is the book?
        work out {a} times {b} and add {c} to it
        each month {a}, for {b} months, and {c} once. sum?
        {n} has {a} {t}. {m} has {b} times as many and {c} more. How many has {m}?
        {a} vans carry {b} boxes each and a car carries {c} boxes. boxes in total?
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
        {a} packs of {b}, {c} eaten. how many left
        {n} buys {a} packs of {b} {t} and gives {c} to {m}. How many are left over?
        i had {a} boxes of {b} cookies and we ate {c}, how many are still there
        {n} earns {a} a day for {b} days and pays {c} rent. What remains?
        {a} per week for {b} weeks minus {c} for shoes
        {a} hens laid {b} eggs each and {c} broke. Eggs left?
        The hall has {a} rows with {b} seats per row. {c} seats are taken. How many are free?
        {a} tickets at {b} apiece with {c} off the whole bill, what is to be paid
        we sold {a} cakes for {b} each but spent {c} on flour. what did we make
        {a} trees with {b} pears per tree, birds took {c}. how many pears remain
        {n} saves {a} a month for {b} months and then spends {c}. How much is left?
        {a} bags, {b} in each, {c} given away, the rest?
        a book has {a} chapters of {b} pages. i read {c} pages. pages to go?
        {a} cartons with {b} bottles each arrived, but {c} bottles were broken. How many are whole?
        {n} has {a} {t}. {m} has {b} times as many, less {c}. How many has {m}?
    """,
    "{a}*{b}*{c}": """
        {a} boxes with {b} bags each and {c} sweets in every bag. How many sweets?
        {a} houses, {b} rooms per house, {c} beds per room, how many beds
        how much is {a} times {b} times {c}
        {n} walks {a} km {b} times a week. How many km in {c} weeks?
        {a} people work {b} hours a day for {c} days. How many hours of work is that?
        a box is {a} cm long, {b} cm wide and {c} cm high. what is its volume
        i do {a} sets of {b} pushups on {c} days. all pushups?
        {a} a day, {b} days a week, for {c} weeks
        we pay {a} per head per night, {b} heads, {c} nights. whats it cost
        multiply {a}, {b} and {c}
        The product of {a}, {b} and {c}?
        {a} trays of {b} cups, each cup {c} cents, how many cents
        {a} classes have {b} pupils each and every pupil needs {c} pens. Pens in total?
        {n} earns {a} an hour, works {b} hours a day. What does {n} earn in {c} days?
    """,
    "{a}*{b}/{c}": """
        {a} boxes of {b} {t} are shared by {c} kids. How many does each kid get?
        {a} packs of {b} sweets for {c} kids, how many apiece
        {n} buys {a} bags with {b} nuts each and splits them between {c} friends. Nuts per friend?
        we have {a} cases with {b} bottles each, for {c} guests. how many bottles per guest
        {a} tickets at {b} each, paid by {c} people in equal parts, each pays?
        {a} times {b}, then divided by {c}
        {a} times {b} over {c}
        rent is {a} a month for {b} months and {c} of us split it. what is my part
        {a} rows of {b} chairs are set up in {c} equal rows. how many chairs a row
        multiply {a} by {b} and divide by {c}
        {n} earns {a} a day for {b} days and gives it to {c} kids. What does one kid get?
        {a} workers need {b} days. how long do {c} workers need
        {a} cooks take {b} hours, so {c} cooks take how many hours
        {a} trays of {b} rolls fill {c} baskets evenly. rolls per basket?
    """,
    "{a}/{b}*{c}": """
        {b} pens cost {a}. What do {c} pens cost?
        if {b} kilos are {a}, how much are {c} kilos
        {a} km in {b} hours, how many km in {c} hours
        {n} earns {a} in {b} days. How much in {c} days at the same rate?
        {a} pages in {b} days, so how many in {c} days
        {a} divided by {b}, then times {c}
        divide {a} by {b} and multiply by {c}
        {b} tickets are {a} euros so {c} tickets are how many euros
        the machine makes {a} screws in {b} minutes. how many in {c} minutes?
        {a} g of flour for {b} people. how much flour for {c} people
    """,
    "{a}/{b}+{c}": """
        {a} shared by {b} and then {c} more
        {n} splits {a} {t} into {b} equal piles and puts {c} on one. How many are on that pile?
        each of {b} kids gets the same of {a} sweets and i already had {c}. how many have i got
        divide {a} by {b}, add {c}
        our part of the bill is {a} over {b} people, plus {c} for the taxi. what do i pay
        {n} and friends, {b} in all, share {a} coins. {n} had {c} before. How many has {n} now?
    """,
    "{a}/{b}-{c}": """
        {a} divided by {b}, minus {c}
        {b} kids share {a} sweets. {n} eats {c} of hers. How many does {n} still have?
        divide {a} by {b} and take away {c}
        we split {a} between {b} of us and i spent {c} of my share. whats left of it
        {n} gets one of {b} equal parts of {a} {t} and loses {c}. What is left over?
    """,
    "{a}+{b}*{c}": """
        {n} has {a} and saves {b} a week for {c} weeks. How much does {n} have then?
        i have {a} already and get {b} a month, how much after {c} months
        a base fee of {a} plus {b} per hour for {c} hours, what do i pay
        {a} euros to get in and {b} per ride. i take {c} rides. total?
        one drink for {a} and {b} cakes at {c} each, how much altogether
        {n} buys a bag for {a} and {b} pens for {c} apiece. What is the price in total?
        {a} loose {t} and {b} boxes of {c}, how many {t} is that
        a tree is {a} cm tall and grows {b} cm a year. How tall is it after {c} years?
        {a} plus {b} times {c}
        start with {a} and add {b} for each of {c} days
        {n} had {a} {t} and bought {b} packs of {c}. How many now?
        the water stands at {a} cm and rises {b} cm an hour. where is it after {c} hours
    """,
    "{a}-{b}*{c}": """
        i have {a} and buy {b} pens at {c} each, whats my change
        {n} pays with {a} for {b} tickets at {c} apiece. How much change?
        had {a} {t}, gave {b} friends {c} each. how many left over
        {a} minus {b} times {c}
        {n} has {a} euros and spends {b} a day for {c} days. What is left?
        a tank of {a} litres loses {b} litres an hour. what is in it after {c} hours
        There were {a} sweets. {b} kids took {c} each. How many sweets remain?
        {a} pages, i read {b} a day for {c} days. how many still to read
        my debt is {a}. i pay back {b} a month. what do i owe after {c} months
        from {a} take {b} lots of {c}
        a rope of {a} m, {b} pieces of {c} m are cut off. rest?
    """,
    "{a}+{a}+{b}": """
        {n} has {a} {t}. {m} has {b} more than {n}. How many do they have together?
        i sold {a} on monday and {b} more than that on tuesday. how many in two days
        {n} is {a} and {m} is {b} years older. What are their ages together?
        {a} boys in the class and {b} more girls than boys. how many kids in all
    """,
    "{a}+{a}-{b}": """
        {n} has {a} {t} and {m} has {b} fewer. How many have they altogether?
        {n} is {a} years old, {m} is {b} years younger. how old are they together
        i read {a} pages today and {b} fewer yesterday. how many pages altogether
        sold {a} in may and {b} less in june, total of both months?
    """,
    "{a}*2+{b}": """
        {n} has {a} {t}. {m} has twice as many and {b} more. How many has {m}?
        double {a} and add {b}
        two times {a} plus {b}
        two tickets for {a} each and a drink for {b}, whats that
        twice {a} and {b} on top
    """,
    "{a}*2-{b}": """
        double {a} and take away {b}
        {n} has {a} {t}. {m} has {b} less than twice as many. How many has {m}?
        twice {a} minus {b}
        two packs of {a}, {b} eaten. how many left
    """,
    "{a}/2+{b}": """
        half of {a} plus {b}
        {n} keeps half of {a} {t} and finds {b} more. How many has {n} then?
        halve {a}, then add {b}
        half the {a} pupils and {b} teachers went. how many people went
    """,
    "{a}/2-{b}": """
        half of {a} minus {b}
        {n} gave away half of {a} {t} and then lost {b}. How many are left?
        halve {a} and take {b} off
        i spent half of my {a} and then another {b}. what is left over
    """,
}
